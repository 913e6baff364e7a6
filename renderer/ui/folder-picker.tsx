import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Archive, ArrowUp, File, FileText, Folder, Image, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { FileEntry } from '../../shared/contract/files.ts';
import { api } from '../api/query.ts';
import { formatBytes } from '../messages/format.ts';
import { t } from '../messages/index.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ErrorState } from './error-state.tsx';
import { IconButton } from './icon-button.tsx';
import { TextInput } from './text-input.tsx';

const ICONS: Readonly<Record<FileEntry['kind'], LucideIcon>> = {
  folder: Folder,
  image: Image,
  archive: Archive,
  list: FileText,
  other: File,
};

interface FolderPickerProps {
  readonly title: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** Kinds that can be chosen besides the folder one is in. Default none: a folder is wanted. */
  readonly chooses?: readonly Exclude<FileEntry['kind'], 'folder'>[];
  /** Whether a folder can be chosen. Default true. */
  readonly choosesFolders?: boolean;
  /** Whether what is chosen must be writable. Default false. */
  readonly forWriting?: boolean;
  /** Gets absolute paths on the core's machine. */
  readonly onChoose: (path: string, kind: FileEntry['kind']) => void;
}

/** The files of the machine that the core runs on. */
export function FolderPicker(props: FolderPickerProps) {
  const { title, open, onOpenChange, chooses = [], choosesFolders = true, forWriting = false, onChoose } = props;
  const [path, setPath] = useState<string | undefined>(undefined);
  const [typed, setTyped] = useState<string | null>(null);
  const query = useQuery({
    ...api.files.list.queryOptions({ input: path === undefined ? {} : { path } }),
    placeholderData: keepPreviousData,
    enabled: open,
  });
  const listing = query.data;
  const go = (to: string) => {
    setTyped(null);
    setPath(to);
  };
  const choose = (chosen: string, kind: FileEntry['kind']) => {
    onChoose(chosen, kind);
    onOpenChange(false);
  };
  const isRefused = forWriting && listing?.isWritable === false;
  return (
    <Dialog
      title={title}
      open={open}
      onOpenChange={onOpenChange}
      size="large"
      foot={
        <>
          {listing !== undefined && forWriting && (
            <span className="mr-auto self-center text-12 text-ink-quiet">{t.ui.freeSpace(listing.freeBytes)}</span>
          )}
          <Button onClick={() => onOpenChange(false)}>{t.ui.cancel}</Button>
          {choosesFolders && (
            <Button
              variant="primary"
              disabled={listing === undefined || isRefused || query.isError}
              onClick={() => listing !== undefined && choose(listing.path, 'folder')}
            >
              {t.ui.chooseThisFolder}
            </Button>
          )}
        </>
      }
    >
      <form
        className="mb-2 flex items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed !== null && typed.trim() !== '') go(typed.trim());
        }}
      >
        <IconButton
          label={t.ui.parentFolder}
          icon={ArrowUp}
          disabled={listing?.parent == null}
          onClick={() => listing?.parent != null && go(listing.parent)}
        />
        <TextInput aria-label={t.ui.path} value={typed ?? listing?.path ?? ''} onValueChange={setTyped} />
      </form>
      {query.isError ? (
        <ErrorState title={t.ui.folderFailed} error={query.error} />
      ) : (
        <ul className="h-72 overflow-auto rounded-base border border-line" aria-label={listing?.path}>
          {listing?.entries.map((entry) => (
            <FileRow
              key={entry.path}
              entry={entry}
              isChoosable={entry.kind === 'folder' || chooses.includes(entry.kind)}
              onOpen={() => (entry.kind === 'folder' ? go(entry.path) : choose(entry.path, entry.kind))}
            />
          ))}
          {listing?.entries.length === 0 && <li className="p-4 text-center text-ink-quiet">{t.ui.folderEmpty}</li>}
        </ul>
      )}
      {listing?.isTruncated === true && <p className="mt-2 text-12 text-ink-quiet">{t.ui.folderTruncated}</p>}
      {isRefused && <p className="mt-2 text-12 text-rejected">{t.ui.folderNotWritable}</p>}
    </Dialog>
  );
}

interface FileRowProps {
  readonly entry: FileEntry;
  readonly isChoosable: boolean;
  readonly onOpen: () => void;
}

function FileRow({ entry, isChoosable, onOpen }: FileRowProps) {
  const Icon = ICONS[entry.kind];
  return (
    <li>
      <button
        type="button"
        className="rail-item w-full text-left disabled:opacity-50"
        disabled={!isChoosable}
        onClick={onOpen}
      >
        <Icon size={14} aria-hidden />
        <span className="truncate">{entry.name}</span>
        {entry.sizeBytes !== null && <span className="rail-count">{formatBytes(entry.sizeBytes)}</span>}
      </button>
    </li>
  );
}
