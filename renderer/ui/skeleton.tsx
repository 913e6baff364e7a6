interface SkeletonProps {
  readonly heightPx: number;
  /** CSS width. Default all there is. */
  readonly width?: string;
}

/** Holds the place of what is on its way. */
export function Skeleton({ heightPx, width = '100%' }: SkeletonProps) {
  return <div className="skeleton" style={{ height: heightPx, width }} aria-hidden />;
}
