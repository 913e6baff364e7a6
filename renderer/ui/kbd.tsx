import { IS_MAC, keyLabel } from '../keyboard/keys.ts';

/** A combination of keys, such as `mod+k`. */
export function Kbd({ keys }: { readonly keys: string }) {
  return <kbd className="kbd">{keyLabel(keys, IS_MAC)}</kbd>;
}
