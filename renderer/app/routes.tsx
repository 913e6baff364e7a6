import { MapPinOff } from 'lucide-react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { t } from '../messages/index.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { loadedLater } from '../ui/loaded-later.tsx';
import { DatasetScreen, type DatasetScreenName } from './dataset-screen.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { Screen } from './screen.tsx';

const LibraryScreen = loadedLater(() => import('../features/datasets/library-screen.tsx'));
const BrowseScreen = loadedLater(() => import('../features/samples/browse-screen.tsx'));
const CollectScreen = loadedLater(() => import('../features/crawls/collect-screen.tsx'));
const ReviewScreen = loadedLater(() => import('../features/duplicates/review-screen.tsx'));
const ExportScreen = loadedLater(() => import('../features/exports/export-screen.tsx'));
const JobsScreen = loadedLater(() => import('../features/jobs/jobs-screen.tsx'));
const JobScreen = loadedLater(() => import('../features/jobs/job-screen.tsx'));
const SettingsScreen = loadedLater(() => import('../features/settings/settings-screen.tsx'));

/** What is not a number names no dataset, and there is nothing at its address. */
function datasetPath(screen: DatasetScreenName | ''): RegExp {
  return new RegExp(`^/datasets/(?<id>\\d{1,15})${screen === '' ? '' : `/${screen}`}/?$`);
}

/** Every address of the interface; each screen is loaded when it is first gone to. */
export function Routes() {
  const [location] = useLocation();
  return (
    <ErrorBoundary place={location}>
      <Switch>
        <Route path="/">
          <LibraryScreen />
        </Route>
        <Route path={datasetPath('')}>{({ id }) => <Redirect to={`/datasets/${id}/browse`} replace />}</Route>
        <Route path={datasetPath('browse')}>
          {({ id }) => (
            <DatasetScreen datasetId={Number(id)} name="browse" load={BrowseScreen.load} fixed>
              {(dataset) => <BrowseScreen datasetId={dataset.id} />}
            </DatasetScreen>
          )}
        </Route>
        <Route path={datasetPath('collect')}>
          {({ id }) => (
            <DatasetScreen datasetId={Number(id)} name="collect" load={CollectScreen.load}>
              {(dataset) => <CollectScreen dataset={dataset} />}
            </DatasetScreen>
          )}
        </Route>
        <Route path={datasetPath('review')}>
          {({ id }) => (
            <DatasetScreen datasetId={Number(id)} name="review" load={ReviewScreen.load} fixed>
              {(dataset) => <ReviewScreen datasetId={dataset.id} />}
            </DatasetScreen>
          )}
        </Route>
        <Route path={datasetPath('export')}>
          {({ id }) => (
            <DatasetScreen datasetId={Number(id)} name="export" load={ExportScreen.load}>
              {(dataset) => <ExportScreen dataset={dataset} />}
            </DatasetScreen>
          )}
        </Route>
        <Route path="/jobs">
          <JobsScreen />
        </Route>
        <Route path={/^\/jobs\/(?<id>\d{1,15})\/?$/}>{({ id }) => <JobScreen jobId={Number(id)} />}</Route>
        <Route path="/settings/:section?">{({ section }) => <SettingsScreen section={section} />}</Route>
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </ErrorBoundary>
  );
}

function NotFound() {
  return (
    <Screen title={t.shell.notFound}>
      <EmptyState icon={MapPinOff} title={t.shell.notFoundTitle} text={t.shell.notFoundHint}>
        <Link href="/" className="button" data-variant="primary">
          {t.shell.toLibrary}
        </Link>
      </EmptyState>
    </Screen>
  );
}
