import type { Settings } from '../../options.ts';
import { OwnSettings } from '../own-settings.ts';

export const settings = {
  archive:
    'true to read the captures of the feed in the web archive, too: they hold entries that it has dropped',
} as const;

export const readSettings = (given: Settings) => ({
  isArchiveAsked: new OwnSettings('feed', settings, given).truth('archive', false),
});
