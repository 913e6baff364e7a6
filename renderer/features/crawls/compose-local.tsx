import { FileText, Folder, FolderInput, Image, TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import type { DialogPurpose } from '../../../shared/host-bridge.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { toastError } from '../../stores/toasts.ts';
import type { Upload } from '../../stores/uploads.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { FolderPicker } from '../../ui/folder-picker.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Part, type PartProps } from './compose-part.tsx';
import { problemOf } from './draft-requests.ts';

interface LocalPartProps extends PartProps {
  readonly uploads: readonly Upload[];
}

type Chosen = 'list' | 'folder' | 'files';

/** What the desktop's dialog is opened for. */
const PURPOSES: Readonly<Record<Chosen, DialogPurpose>> = {
  list: 'list-file',
  folder: 'import-folder',
  files: 'import-files',
};

/** Lists of addresses to collect, and folders, images and archives to import. */
export function LocalPart({ draft, change, problems, uploads }: LocalPartProps) {
  const [picking, setPicking] = useState<'list' | 'folder' | null>(null);
  const problem = problemOf(problems, 'folders') ?? problemOf(problems, 'lists');
  const add = (kind: Chosen, paths: readonly string[]) =>
    kind === 'list'
      ? change({ lists: [...new Set([...draft.lists, ...paths])] })
      : change({ folders: [...new Set([...draft.folders, ...paths])] });
  const choose = async (kind: Chosen) => {
    if (host.desktop === undefined) return setPicking(kind === 'list' ? 'list' : 'folder');
    try {
      add(kind, await host.desktop.choose(PURPOSES[kind]));
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Part title={t.crawls.local} hint={t.crawls.localHint}>
      <div className="compose-line">
        <Button size="small" onClick={() => void choose('list')}>
          <FileText size={14} aria-hidden /> {t.crawls.addList}
        </Button>
        <Button size="small" onClick={() => void choose('folder')}>
          <Folder size={14} aria-hidden /> {host.desktop === undefined ? t.crawls.addFolder : t.crawls.addFolders}
        </Button>
        {host.desktop !== undefined && (
          <Button size="small" onClick={() => void choose('files')}>
            <Image size={14} aria-hidden /> {t.crawls.addFiles}
          </Button>
        )}
      </div>
      {uploads.map((upload) => (
        <UploadRow key={upload.id} upload={upload} />
      ))}
      {draft.lists.length + draft.folders.length > 0 && (
        <ul className="path-list">
          {draft.lists.map((path) => (
            <PathRow
              key={path}
              path={path}
              name={draft.pathNames[path]}
              kind="list"
              onRemove={() => change({ lists: draft.lists.filter((each) => each !== path) })}
            />
          ))}
          {draft.folders.map((path) => (
            <PathRow
              key={path}
              path={path}
              name={draft.pathNames[path]}
              kind="folder"
              onRemove={() => change({ folders: draft.folders.filter((each) => each !== path) })}
            />
          ))}
        </ul>
      )}
      {problem !== null && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      {draft.folders.length > 0 && (
        <div className="compose-line">
          <Checkbox
            checked={draft.labelsFromFolders}
            onCheckedChange={(labelsFromFolders) => change({ labelsFromFolders })}
          >
            {t.crawls.labelsFromFolders}
          </Checkbox>
          <div className="compose-services">
            <span className="text-ink-quiet">{t.crawls.bytesOf}</span>
            <Segmented
              label={t.crawls.bytesOf}
              value={draft.mode}
              onValueChange={(mode) => change({ mode })}
              options={[
                { value: 'copy', label: t.crawls.modes.copy },
                { value: 'link', label: t.crawls.modes.link },
              ]}
            />
            {draft.mode === 'link' && <span className="hint">{t.crawls.modeHint}</span>}
          </div>
        </div>
      )}
      {picking !== null && (
        <FolderPicker
          open
          onOpenChange={(open) => !open && setPicking(null)}
          title={picking === 'list' ? t.crawls.chooseList : t.crawls.chooseFolder}
          chooses={picking === 'list' ? ['list'] : ['image', 'archive']}
          choosesFolders={picking === 'folder'}
          onChoose={(path) => add(picking, [path])}
        />
      )}
    </Part>
  );
}

function UploadRow({ upload: { sentBytes, totalBytes, failure, cancel } }: { readonly upload: Upload }) {
  const sent = t.crawls.uploading(sentBytes, totalBytes);
  if (failure !== null) {
    return (
      <div className="path-row" role="alert">
        <TriangleAlert size={14} aria-hidden />
        <span className="min-w-0 flex-1 break-words">{t.crawls.uploadFailed(totalBytes, failure.text)}</span>
        <Button size="small" onClick={failure.retry}>
          {t.ui.retry}
        </Button>
        <IconButton label={t.crawls.uploadDrop} icon={X} onClick={cancel} />
      </div>
    );
  }
  return (
    <div className="path-row" role="status">
      <FolderInput size={14} aria-hidden />
      <span className="path-text">{sent}</span>
      <span className="w-40">
        <Progress label={sent} value={totalBytes === 0 ? 0 : (100 * sentBytes) / totalBytes} thin />
      </span>
      <IconButton label={t.ui.cancel} icon={X} onClick={cancel} />
    </div>
  );
}

interface PathRowProps {
  readonly path: string;
  readonly name: string | undefined;
  readonly kind: 'list' | 'folder';
  readonly onRemove: () => void;
}

function PathRow({ path, name, kind, onRemove }: PathRowProps) {
  const Icon = kind === 'list' ? FileText : Folder;
  return (
    <li className="path-row">
      <Icon size={14} aria-hidden />
      <span className="path-text" title={path}>
        {name ?? path}
      </span>
      <span className="hint">{kind === 'list' ? t.crawls.isListOf : t.crawls.isImported}</span>
      <IconButton label={t.crawls.remove(name ?? path)} icon={X} onClick={onRemove} />
    </li>
  );
}
