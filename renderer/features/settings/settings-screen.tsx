import './settings.css';
import { useQuery } from '@tanstack/react-query';
import { Activity, Gauge, Globe, HardDrive, type LucideIcon, Monitor, Palette, Scale } from 'lucide-react';
import type { ComponentType } from 'react';
import { Link } from 'wouter';
import type { Setting } from '../../../shared/contract/settings.ts';
import type { SourceStatus } from '../../../shared/contract/sources.ts';
import type { SettingName } from '../../../shared/settings.ts';
import { host } from '../../api/host.ts';
import { api } from '../../api/query.ts';
import { Screen } from '../../app/screen.tsx';
import { t } from '../../messages/index.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { AppearanceSettings } from './appearance-settings.tsx';
import { HealthSettings } from './health-settings.tsx';
import { RuleSettings } from './rule-settings.tsx';
import { SettingField } from './setting-field.tsx';
import { SourceState } from './source-state.tsx';
import { StorageUse } from './storage-use.tsx';

type Section = keyof typeof t.settings.sections;

interface SectionLook {
  readonly icon: LucideIcon;
  /** Whether this host has it. Default: every host does. */
  readonly isShown?: () => boolean;
  /** What stands above the settings of the section, or is all of it. */
  readonly Content?: ComponentType;
  readonly groups?: readonly {
    readonly title: string;
    readonly names: readonly SettingName[];
    /** The search service they are of. */
    readonly source?: SourceStatus['source'];
  }[];
}

const SECTIONS: Readonly<Record<Section, SectionLook>> = {
  storage: {
    icon: HardDrive,
    Content: StorageUse,
    groups: [
      { title: t.settings.limits, names: ['storage.minFreeBytes', 'storage.waitForSpace'] },
      { title: t.settings.performance, names: ['workers.processes', 'workers.deadlineMs'] },
    ],
  },
  collecting: {
    icon: Gauge,
    groups: [
      { title: t.settings.politeness, names: ['crawl.contact', 'crawl.delayMs', 'crawl.perHost'] },
      { title: t.settings.speed, names: ['crawl.concurrency', 'crawl.timeoutMs'] },
      { title: t.settings.limits, names: ['crawl.maxImageBytes'] },
    ],
  },
  sources: {
    icon: Globe,
    groups: [
      { title: t.crawls.openverse, source: 'openverse', names: ['sources.openverse.token', 'sources.openverse.url'] },
      { title: t.crawls.wikimedia, source: 'wikimedia', names: ['sources.wikimedia.url'] },
    ],
  },
  rules: { icon: Scale, Content: RuleSettings },
  desktop: {
    icon: Monitor,
    isShown: () => host.kind === 'desktop',
    groups: [
      {
        title: t.settings.background,
        names: ['desktop.closeToTray', 'desktop.startAtLogin', 'desktop.notifications', 'desktop.keepAwake'],
      },
      {
        title: t.settings.sparing,
        names: [
          'desktop.pauseBelowBatteryPercent',
          'desktop.pauseOnMetered',
          'desktop.pauseOnSuspend',
          'storage.waitForSpace',
        ],
      },
      { title: t.settings.updates, names: ['desktop.checkForUpdates', 'desktop.updateChannel'] },
    ],
  },
  health: { icon: Activity, Content: HealthSettings },
  appearance: { icon: Palette, Content: AppearanceSettings },
};
const NAMES = (Object.keys(SECTIONS) as Section[]).filter((name) => SECTIONS[name].isShown?.() ?? true);

/** What holds for the whole library, and for this browser. */
export default function SettingsScreen({ section: asked }: { readonly section: string | undefined }) {
  const section = NAMES.find((name) => name === asked) ?? 'storage';
  const { Content, groups } = SECTIONS[section];
  return (
    <Screen title={t.settings.sections[section]} trail={[{ title: t.settings.title, href: '/settings' }]}>
      <div className="settings">
        <nav className="settings-nav" aria-label={t.settings.title}>
          {NAMES.map((name) => {
            const Icon = SECTIONS[name].icon;
            return (
              <Link
                key={name}
                href={`/settings/${name}`}
                className="rail-item"
                aria-current={name === section ? 'page' : undefined}
              >
                <Icon size={16} aria-hidden />
                {t.settings.sections[name]}
              </Link>
            );
          })}
        </nav>
        <div className="settings-body" key={section}>
          <p className="settings-hint">{t.settings.sectionHints[section]}</p>
          {Content !== undefined && <Content />}
          {groups !== undefined && <SettingGroups groups={groups} />}
        </div>
      </div>
    </Screen>
  );
}

function SettingGroups({ groups }: { readonly groups: NonNullable<SectionLook['groups']> }) {
  const query = useQuery(api.settings.list.queryOptions());
  const settings: readonly Setting[] | undefined = query.data;
  if (settings === undefined) {
    return query.isError ? (
      <ErrorState title={t.settings.loadFailed} error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton heightPx={240} />
    );
  }
  return groups.map(({ title, names, source }) => (
    <section key={title} className="part" aria-label={title}>
      <h2>{title}</h2>
      {source !== undefined && <SourceState source={source} />}
      {names.map((name) => (
        <SettingField key={name} name={name} settings={settings} />
      ))}
    </section>
  ));
}
