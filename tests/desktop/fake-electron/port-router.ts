/** Main's list of where the ends of all message channels lie, and the way between them. */

import { type Arrival, type EndId, type Line, PortEnd, type PortTraffic } from './port-end.ts';

/** Another process in which ends may lie. */
export interface Place {
  send(traffic: PortTraffic): void;
}

interface Known {
  readonly other: EndId;
  /** Where it lies: in main, or elsewhere. null when it is closed. */
  at: PortEnd | Place | null;
}

const known = new Map<EndId, Known>();
let channels = 0;

const line: Line = {
  post: (id, data, ends) => {
    const other = known.get(id)?.other;
    // Whoever held them cannot use them any more.
    for (const end of ends) takeOver(end);
    if (other !== undefined) arrive(other, { kind: 'message', data, ends });
  },
  close: closeEnd,
};

function arrive(id: EndId, arrival: Arrival): void {
  const at = known.get(id)?.at;
  if (at === undefined || at === null) return;
  if (at instanceof PortEnd) {
    at.arrive(arrival);
    return;
  }
  at.send({ kind: 'arrive', id, arrival });
  // Ports that came with it lie there now.
  if (arrival.kind === 'message') for (const end of arrival.ends) moveTo(end, at);
}

function closeEnd(id: EndId): void {
  const entry = known.get(id);
  if (entry === undefined || entry.at === null) return;
  entry.at = null;
  arrive(entry.other, { kind: 'closed' });
}

/** Makes a channel whose ends lie in main. */
export function createChannel(): readonly [PortEnd, PortEnd] {
  channels += 1;
  const ids = [`${channels}a`, `${channels}b`] as const;
  const ends = [new PortEnd(ids[0], line), new PortEnd(ids[1], line)] as const;
  known.set(ids[0], { other: ids[1], at: ends[0] });
  known.set(ids[1], { other: ids[0], at: ends[1] });
  return ends;
}

/** Takes an end in main over into a new object: the one that held it cannot be used any more. */
export function takeOver(id: EndId): PortEnd {
  const entry = known.get(id);
  const end = new PortEnd(id, line);
  if (entry === undefined) return end;
  const held = entry.at instanceof PortEnd ? entry.at.moveOut() : [];
  entry.at = end;
  for (const arrival of held) end.arrive(arrival);
  return end;
}

/** Lets an end lie in another process, which has been told of it. What had arrived follows it. */
export function moveTo(id: EndId, place: Place): void {
  const entry = known.get(id);
  if (entry === undefined || !(entry.at instanceof PortEnd)) return;
  const held = entry.at.moveOut();
  entry.at = place;
  for (const arrival of held) arrive(id, arrival);
}

/** What another process says of the ends that lie there. */
export function receiveFrom(place: Place, traffic: PortTraffic): void {
  if (known.get(traffic.id)?.at !== place) return;
  if (traffic.kind === 'post') line.post(traffic.id, traffic.data, traffic.ends);
  else if (traffic.kind === 'close') closeEnd(traffic.id);
}

/** A process has ended: so have the ends that lay there. */
export function closeAllAt(place: Place): void {
  for (const [id, { at }] of known) if (at === place) closeEnd(id);
}
