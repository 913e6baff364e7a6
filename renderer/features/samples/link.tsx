/** An address from outside: a link only where it is one of the web, plain text otherwise. */
export function OutsideLink({ address }: { readonly address: string }) {
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') return <span className="inspector-address">{address}</span>;
  return (
    <a className="inspector-address" href={address} target="_blank" rel="noopener noreferrer nofollow" title={address}>
      {address}
    </a>
  );
}
