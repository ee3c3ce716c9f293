import net from 'node:net';

/** What is not of the public internet in the old family; the ranges for documentation stay, for they lead nowhere. */
const private4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
]);

/** Of the new family only this part is handed out; ::1, mapped addresses, fc00::/7, fe80::/10 and all else lie beyond. */
const global6 = blockList('ipv6', ['2000::/3']);
/** Within it: Teredo and other protocols of the IETF, and 6to4. Both carry addresses of the old family inside. */
const tunnels6 = blockList('ipv6', ['2001::/23', '2002::/16']);
/** Networks without the old family reach all of it through this prefix: what counts is the address inside. */
const translated6 = blockList('ipv6', ['64:ff9b::/96']);

function blockList(family: 'ipv4' | 'ipv6', ranges: readonly string[]): net.BlockList {
  const list = new net.BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split('/');
    list.addSubnet(address!, Number(bits), family);
  }
  return list;
}

/** Does this address, written as a number, belong to some private network rather than to the internet? */
export function isPrivate(ip: string): boolean {
  if (net.isIPv4(ip)) return private4.check(ip, 'ipv4');
  const [address] = ip.split('%'); // a zone is no part of the number
  if (translated6.check(address!, 'ipv6')) return private4.check(innerAddress(address!), 'ipv4');
  return !global6.check(address!, 'ipv6') || tunnels6.check(address!, 'ipv6');
}

/** The last 32 bits, as an address of the old family. */
function innerAddress(ip: string): string {
  const plain = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  const [high = '0', low = '0'] = `:${plain}`.split(':').slice(-2);
  const number = Number.parseInt(high || '0', 16) * 2 ** 16 + Number.parseInt(low || '0', 16);
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');
}
