import { FolderInput } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { chosenFiles, type Dropped, linksIn, readDrop } from '../../api/dropped-files.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { toastError } from '../../stores/toasts.ts';

interface WindowDropProps {
  /** What it comes to. */
  readonly title: string;
  /** Whether files and links that are pasted outside of a field count as well. */
  readonly takesPaste?: boolean;
  readonly onDrop: (dropped: Dropped) => void;
}

/** Takes what is dropped anywhere on the window, and says so while it hovers. */
export function WindowDrop({ title, takesPaste = false, onDrop }: WindowDropProps) {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const listen = (type: 'dragenter' | 'dragover' | 'dragleave' | 'drop', take: (event: DragEvent) => void) =>
      window.addEventListener(type, take, { signal });
    const paste = ({ target, clipboardData }: ClipboardEvent) => {
      const isTyping = target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null;
      if (isTyping || clipboardData === null) return;
      const files = chosenFiles(clipboardData.files);
      const links = files.length > 0 ? [] : linksIn(clipboardData.getData('text/plain'));
      if (files.length > 0 || links.length > 0) latest.current({ files, links });
    };
    if (takesPaste) window.addEventListener('paste', paste, { signal });
    const isWanted = ({ dataTransfer }: DragEvent) =>
      dataTransfer?.types.some((type) => type === 'Files' || type === 'text/uri-list') ?? false;
    const hover = (event: DragEvent) => {
      if (!isWanted(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    listen('dragenter', hover);
    listen('dragover', hover);
    listen('dragleave', (event) => {
      // Between two elements of the page the other one is named; nothing is where it left the window.
      if (event.relatedTarget === null) setOver(false);
    });
    listen('drop', (event) => {
      setOver(false);
      if (!isWanted(event) || event.defaultPrevented || event.dataTransfer === null) return;
      event.preventDefault();
      readDrop(event.dataTransfer, host.desktop?.pathOf)
        .then((dropped) => latest.current(dropped))
        .catch(toastError);
    });
    return () => stop.abort();
  }, [takesPaste]);
  if (!isOver) return null;
  return (
    <div className="window-drop" aria-hidden>
      <FolderInput size={32} strokeWidth={1.5} />
      <strong>{title}</strong>
      <span>{t.crawls.dropHint}</span>
    </div>
  );
}
