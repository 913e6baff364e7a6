import './settings.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Setting } from '../../../shared/contract/settings.ts';
import { api } from '../../api/query.ts';
import { Screen } from '../../app/screen.tsx';
import { t } from '../../messages/index.ts';
import { DENSITIES, MOTIONS, THEMES, useInterface } from '../../stores/interface.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { RulesSection } from './rules-section.tsx';
import { SecretField, SettingField } from './setting-field.tsx';
import { StorageSection } from './storage-section.tsx';

const SECTIONS = ['general', 'collecting', 'sources', 'rules', 'appearance'] as const;
type Section = (typeof SECTIONS)[number];

/** Everything that can be set, by part. */
export default function SettingsScreen({ section: given }: { readonly section: string | undefined }) {
  const section = SECTIONS.find((each) => each === given) ?? 'general';
  const query = useQuery(api.settings.list.queryOptions());
  return (
    <Screen title={t.shell.settings}>
      <div className="settings">
        <nav className="settings-nav" aria-label={t.settings.sectionsLabel}>
          {SECTIONS.map((each) => (
            <Link
              key={each}
              href={`/settings/${each}`}
              className="rail-item"
              aria-current={each === section ? 'page' : undefined}
            >
              {t.settings.sections[each]}
            </Link>
          ))}
        </nav>
        <section className="settings-section" aria-labelledby="section">
          <h2 id="section">{t.settings.sections[section]}</h2>
          {query.isError && section !== 'appearance' ? (
            <ErrorState title={t.settings.loadFailed} error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <SectionBody section={section} settings={query.data ?? []} />
          )}
        </section>
      </div>
    </Screen>
  );
}

function SectionBody({ section, settings }: { readonly section: Section; readonly settings: readonly Setting[] }) {
  switch (section) {
    case 'general':
      return <StorageSection settings={settings} />;
    case 'collecting':
      return <Fields settings={settings.filter(({ name }) => /^(crawl|workers)\./.test(name))} />;
    case 'sources':
      return <Fields settings={settings.filter(({ name }) => name.startsWith('sources.'))} />;
    case 'rules':
      return <RulesSection />;
    case 'appearance':
      return <Appearance />;
  }
}

function Fields({ settings }: { readonly settings: readonly Setting[] }) {
  return settings.map((setting) =>
    setting.isSecret ? (
      <SecretField key={setting.name} setting={setting} />
    ) : (
      <SettingField key={setting.name} setting={setting} />
    ),
  );
}

function Appearance() {
  const { theme, density, motion, set } = useInterface();
  return (
    <>
      <div className="field">
        <span className="field-label">{t.settings.theme}</span>
        <span>
          <Segmented
            label={t.settings.theme}
            value={theme}
            onValueChange={(next) => set({ theme: next })}
            options={THEMES.map((value) => ({ value, label: t.settings.themes[value] }))}
          />
        </span>
      </div>
      <div className="field">
        <span className="field-label">{t.settings.density}</span>
        <span>
          <Segmented
            label={t.settings.density}
            value={density}
            onValueChange={(next) => set({ density: next })}
            options={DENSITIES.map((value) => ({ value, label: t.settings.densities[value] }))}
          />
        </span>
      </div>
      <div className="field">
        <span className="field-label">{t.settings.motion}</span>
        <span>
          <Segmented
            label={t.settings.motion}
            value={motion}
            onValueChange={(next) => set({ motion: next })}
            options={MOTIONS.map((value) => ({ value, label: t.settings.motions[value] }))}
          />
        </span>
      </div>
      <Button className="justify-self-start" onClick={() => set({ onboarded: false })}>
        {t.settings.onboarding}
      </Button>
    </>
  );
}
