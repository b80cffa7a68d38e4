import type { HttpAnswer } from '../model/http.ts'

/** 0 is how a browser reports a redirect that it was told not to follow. */
export const isRedirect = ({ status }: HttpAnswer): boolean => status === 0 || (status >= 300 && status < 400)
