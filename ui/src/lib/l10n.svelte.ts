// The message catalogue in the window: one bundle a language, switched live.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import en from '../../messages/en.ftl?raw';
import zh from '../../messages/zh-CN.ftl?raw';
import type { Language } from '../api/generated';

export type MessageArgs = Record<string, FluentVariable>;

function bundle(language: Language, source: string): FluentBundle {
  const made = new FluentBundle(language, { useIsolating: false });
  made.addResource(new FluentResource(source));
  return made;
}

const sources: Record<Language, string> = { 'zh-CN': zh, en };
const bundles = new Map<Language, FluentBundle>();

/** A language is parsed when it is first spoken. */
function bundleOf(language: Language): FluentBundle {
  const known = bundles.get(language);
  if (known) return known;
  const made = bundle(language, sources[language]);
  bundles.set(language, made);
  return made;
}

class Catalogue {
  language = $state<Language>('zh-CN');

  use(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
  }

  /** `key` or `key.attribute`; an unknown key comes back as it is, so that a gap is seen and nothing breaks. */
  text(key: string, args?: MessageArgs): string {
    const current = bundleOf(this.language);
    const dot = key.indexOf('.');
    const message = current.getMessage(dot < 0 ? key : key.slice(0, dot));
    const pattern = dot < 0 ? message?.value : message?.attributes[key.slice(dot + 1)];
    return pattern ? current.formatPattern(pattern, args) : key;
  }
}

export const l10n = new Catalogue();

export const t = (key: string, args?: MessageArgs): string => l10n.text(key, args);

/** Sentences one after another: Chinese full stops bring their own space. */
export const sentences = (...list: string[]): string => list.filter((one) => one !== '').join(l10n.language === 'zh-CN' ? '' : ' ');

/** Picks the side of a text that the data carries in both languages. */
export const sided = (chinese: string, english: string): string =>
  (l10n.language === 'zh-CN' ? chinese || english : english || chinese);
