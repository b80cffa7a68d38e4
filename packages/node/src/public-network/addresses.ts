import { BlockList, isIP } from 'node:net'

/** What the registries of special-purpose addresses take from the public network (RFC 6890, RFC 6598, RFC 4291 ...). */
const special = [
  // "This network", private, shared (CGN), loopback, link-local (the metadata services of clouds), protocol assignments
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16',
  // Documentation, 6to4 relays, benchmarks, multicast, reserved and broadcast
  '192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 192.88.99.0/24 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4',
  // Of the addresses that IPv6 has given out: Teredo, ORCHID and the like, documentation, 6to4
  '2001::/23 2001:db8::/32 2002::/16 3fff::/20',
]
  .join(' ')
  .split(' ')

const blocked = new BlockList()
for (const range of special) {
  const [network = '', bits] = range.split('/')
  blocked.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4')
}

/** All that IPv6 has given out for the public network; the rest is loopback, link-local, unique local, mapped, translated ... */
const unicast = new BlockList()
unicast.addSubnet('2000::', 3, 'ipv6')

/** Whether an address, without a zone, is one of the public network. */
export function isPublic(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !blocked.check(address, 'ipv4')
  return family === 6 && unicast.check(address, 'ipv6') && !blocked.check(address, 'ipv6')
}
