/** What a screen of images will look like once there are some. */
export function GhostTiles({ count }: { readonly count: number }) {
  return (
    <div className="ghosts" aria-hidden>
      {Array.from({ length: count }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <span key={place} className="ghost" />
      ))}
    </div>
  );
}
