// What the screens of the directory share beside the core's own types.
import type { CentreEntry, LineEntry } from '../../api/generated';

/** What a line and a centre have in common: where it comes from, whether somebody is there, what is wrong with it. */
export type EntryBase = Omit<LineEntry, 'line' | 'provider'> & Omit<CentreEntry, 'centre' | 'provider' | 'pinyin' | 'initials' | 'open_days'>;
