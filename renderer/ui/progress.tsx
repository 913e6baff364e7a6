import { Progress as Radix } from 'radix-ui';

interface ProgressProps {
  readonly label: string;
  /** 0 to 100. */
  readonly value: number;
  readonly thin?: boolean;
  /** `quiet` for what rests. */
  readonly tone?: 'accent' | 'quiet';
}

export function Progress({ label, value, thin = false, tone = 'accent' }: ProgressProps) {
  return (
    <Radix.Root className="progress" value={value} aria-label={label} data-thin={thin || undefined} data-tone={tone}>
      <Radix.Indicator className="progress-bar" style={{ width: `${value}%` }} />
    </Radix.Root>
  );
}
