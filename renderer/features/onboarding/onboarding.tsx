import { Download, Images, type LucideIcon, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../messages/index.ts';
import { useInterface } from '../../stores/interface.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

const ICONS: readonly LucideIcon[] = [Images, ShieldCheck, Download];

interface OnboardingProps {
  /** Makes the first dataset. */
  readonly onStart: () => void;
}

/** Three short steps, once; closing it is skipping it. */
export default function Onboarding({ onStart }: OnboardingProps) {
  const set = useInterface((state) => state.set);
  const [index, setIndex] = useState(0);
  const { steps } = t.onboarding;
  const isLast = index === steps.length - 1;
  const finish = () => set({ onboarded: true });
  return (
    <Dialog
      title={t.onboarding.title}
      open
      onOpenChange={(open) => !open && finish()}
      foot={
        <>
          <Button variant="ghost" className="mr-auto" onClick={finish}>
            {t.onboarding.skip}
          </Button>
          {index > 0 && <Button onClick={() => setIndex(index - 1)}>{t.onboarding.back}</Button>}
          <Button
            variant="primary"
            onClick={() => {
              if (!isLast) {
                setIndex(index + 1);
                return;
              }
              finish();
              onStart();
            }}
          >
            {isLast ? t.onboarding.start : t.onboarding.next}
          </Button>
        </>
      }
    >
      {/* In one place, each as high as the highest, so that the buttons stay where they are. */}
      <div className="grid py-2" aria-live="polite">
        {steps.map((step, place) => {
          const Icon = ICONS[place] ?? Images;
          return (
            <div
              key={step.title}
              className={`col-start-1 row-start-1 flex gap-4 ${place === index ? '' : 'invisible'}`}
            >
              <Icon size={32} strokeWidth={1.5} className="shrink-0 text-ink-quiet" aria-hidden />
              <div>
                <p className="text-12 text-ink-quiet">{t.onboarding.step(place + 1, steps.length)}</p>
                <h3 className="mb-1 text-14">{step.title}</h3>
                <p>{step.text}</p>
              </div>
            </div>
          );
        })}
      </div>
    </Dialog>
  );
}
