import '../samples/viewer.css';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';
import { useInterface } from '../../stores/interface.ts';
import { Inspector } from '../samples/inspector.tsx';
import { SidePanel } from '../samples/side-panel.tsx';
import { Viewer } from '../samples/viewer.tsx';

interface ReviewViewerProps {
  readonly datasetId: number;
  /** The one in front, or what is compared. */
  readonly samples: readonly SampleSummary[];
  /** Of one of them in what is reviewed. */
  readonly placeOf: (sample: SampleSummary) => number;
  readonly count: number;
  readonly neighbours: readonly (SampleSummary | undefined)[];
  readonly labels: readonly string[];
  readonly onStep: (by: 1 | -1) => void;
  readonly onChange: (sample: SampleSummary, change: SampleChange) => void;
  readonly onCompare?: (sample: SampleSummary) => void;
  readonly onClose: () => void;
}

/** The viewer over a review: the review stays where it is behind it. */
export function ReviewViewer(props: ReviewViewerProps) {
  const { datasetId, samples, labels, onChange } = props;
  const { inspectorOpen, set } = useInterface();
  return (
    <Viewer
      samples={samples}
      placeOf={props.placeOf}
      count={props.count}
      neighbours={props.neighbours}
      onStep={props.onStep}
      onDecide={(sample, status) => onChange(sample, { status })}
      onLabel={(sample, number) => {
        const label = labels[number - 1];
        if (label !== undefined) onChange(sample, { label });
      }}
      onCompare={props.onCompare}
      inspectorOpen={inspectorOpen}
      onToggleInspector={() => set({ inspectorOpen: !inspectorOpen })}
      onClose={props.onClose}
      onClosed={() => document.getElementById('content')?.focus()}
      aside={(sample) =>
        inspectorOpen && (
          <SidePanel title={t.samples.inspector}>
            <Inspector
              datasetId={datasetId}
              sample={sample}
              labels={labels}
              bare
              onChange={(change) => onChange(sample, change)}
            />
          </SidePanel>
        )
      }
    />
  );
}
