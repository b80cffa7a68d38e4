// The user comes back to this page, in the window that login() opened.
opener?.postMessage(location.href, location.origin)
close()
