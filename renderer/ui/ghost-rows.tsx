/** What a list will look like once there is something in it: a mark, a name with its facts, a state. */
export function GhostRows({ count }: { readonly count: number }) {
  return (
    <div className="ghost-rows" aria-hidden>
      {Array.from({ length: count }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={place} className="ghost-row">
          <span className="ghost-mark" />
          <span className="ghost-lines">
            <span />
            <span />
          </span>
          <span className="ghost-state" />
        </div>
      ))}
    </div>
  );
}
