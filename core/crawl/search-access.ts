import type { SearchServiceId } from '../../workers/documents/search/types.ts';
import type { SettingRepository } from '../settings/setting-repository.ts';

/**
 * What a request to a search service says beyond the usual: the user's access token, to the service itself and to no
 * other origin.
 * @param url the address about to be asked
 */
export async function searchHeaders(
  settings: Pick<SettingRepository, 'secret' | 'value'>,
  service: SearchServiceId,
  url: string,
): Promise<Record<string, string>> {
  if (service !== 'openverse') return {};
  if (new URL(url).origin !== new URL(settings.value('sources.openverse.url')).origin) return {};
  const token = await settings.secret('sources.openverse.token');
  return token === '' ? {} : { authorization: `Bearer ${token}` };
}
