import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { t } from '../../messages/index.ts';
import { DENSITIES, MOTIONS, THEMES, useInterface } from '../../stores/interface.ts';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';

/** How the interface looks in this browser. */
export function AppearanceSettings() {
  const look = useInterface();
  const [, navigate] = useLocation();
  const set = look.set;
  return (
    <section className="part" aria-label={t.settings.sections.appearance}>
      <Row title={t.settings.theme}>
        <Segmented
          label={t.settings.theme}
          value={look.theme}
          onValueChange={(theme) => set({ theme })}
          options={THEMES.map((value) => ({ value, label: t.settings.themes[value] }))}
        />
      </Row>
      <Row title={t.settings.density}>
        <Segmented
          label={t.settings.density}
          value={look.density}
          onValueChange={(density) => set({ density })}
          options={DENSITIES.map((value) => ({ value, label: t.settings.densities[value] }))}
        />
      </Row>
      <Row title={t.settings.motion}>
        <Segmented
          label={t.settings.motion}
          value={look.motion}
          onValueChange={(motion) => set({ motion })}
          options={MOTIONS.map((value) => ({ value, label: t.settings.motions[value] }))}
        />
      </Row>
      <Row title={t.settings.thumbnailFit}>
        <Segmented
          label={t.settings.thumbnailFit}
          value={look.thumbnailFit}
          onValueChange={(thumbnailFit) => set({ thumbnailFit })}
          options={(['fit', 'fill'] as const).map((value) => ({ value, label: t.settings.thumbnailFits[value] }))}
        />
      </Row>
      <Row title={t.settings.captions}>
        <Switch label={t.settings.captions} checked={look.captions} onCheckedChange={(captions) => set({ captions })} />
      </Row>
      <Row title={t.settings.introduction} hint={t.settings.introductionHint}>
        <Button
          onClick={() => {
            set({ onboarded: false });
            navigate('/?welcome');
          }}
        >
          {t.settings.showIntroduction}
        </Button>
      </Row>
      <Row title={t.settings.keys} hint={t.settings.keysHint} />
    </section>
  );
}

interface RowProps {
  readonly title: string;
  readonly hint?: string;
  readonly children?: ReactNode;
}

function Row({ title, hint, children }: RowProps) {
  return (
    <div className="look-row">
      <span>
        <span className="block">{title}</span>
        {hint !== undefined && <span className="hint">{hint}</span>}
      </span>
      {children}
    </div>
  );
}
