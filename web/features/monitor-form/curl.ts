import { BodyType } from '@/gen/openseer/v1/monitor_service_pb';

import { noAuth } from './auth-draft';
import { type HeaderDraft, newDraft, type SpecDraft } from './spec-form';

// Header names whose values are secrets.
const sensitive = /^(authorization|proxy-authorization|cookie|x-api-key|.*token.*|.*secret.*)$/i;

// Options of curl that take no value and change nothing about a check.
const ignored = new Set(['-s', '--silent', '-S', '--show-error', '-v', '--verbose', '-i', '--include', '--compressed', '-f', '--fail', '-g', '--globoff', '-N']);
// Those that take a value which does not matter here.
const ignoredWithValue = new Set(['-o', '--output', '-w', '--write-out', '--retry', '-D', '--dump-header']);

// What a curl command says, as changes to a new monitor's form; undefined when
// it is not one. Options that a check cannot have are named in `unknown`.
export function parseCurl(text: string): { change: Partial<SpecDraft>; unknown: string[] } | undefined {
  const words = shellWords(text);
  if (words?.[0] !== 'curl') return undefined;
  const reader = new Reader(words.slice(1));
  reader.readAll();
  return reader.change.url === undefined ? undefined : { change: reader.change, unknown: reader.unknown };
}

class Reader {
  readonly change: Partial<SpecDraft> = {};
  readonly unknown: string[] = [];
  private readonly headers: HeaderDraft[] = [];
  private readonly data: string[] = [];
  private method: string | undefined;
  private asQuery = false;

  constructor(private readonly words: string[]) {}

  readAll(): void {
    while (this.words.length > 0) this.readOne(this.words.shift() ?? '');
    if (this.data.length > 0 && this.asQuery) this.change.url = `${this.change.url ?? ''}?${this.data.join('&')}`;
    else if (this.data.length > 0) this.takeBody(this.data.join('&'));
    this.change.method = this.method ?? (this.data.length > 0 && !this.asQuery ? 'POST' : 'GET');
    this.change.headers = this.headers;
  }

  private readOne(word: string): void {
    if (!word.startsWith('-') || word === '-') {
      this.change.url = /^https?:\/\//i.test(word) ? word : `http://${word}`;
      return;
    }
    // "-XPOST" and "--request=POST" carry their value with them.
    const glued = /^(-[XHdube xm])(.+)$/.exec(word) ?? /^(--[a-z0-9-]+)=(.*)$/s.exec(word);
    if (glued !== null && !word.startsWith('--') === (glued[1]?.length === 2)) {
      this.words.unshift(glued[2] ?? '');
      this.readOption(glued[1] ?? '');
    } else if (/^-[a-zA-Z]{2,}$/.test(word) && /^-[sSvifgNkL]+$/.test(word)) {
      for (const letter of word.slice(1)) this.readOption(`-${letter}`);
    } else {
      this.readOption(word);
    }
  }

  private readOption(option: string): void {
    const value = () => this.words.shift() ?? '';
    switch (option) {
      case '-X':
      case '--request':
        this.method = value();
        break;
      case '-H':
      case '--header':
        this.takeHeader(value());
        break;
      case '-d':
      case '--data':
      case '--data-raw':
      case '--data-binary':
      case '--data-ascii':
        this.data.push(value());
        break;
      case '--data-urlencode': {
        const [name, ...rest] = value().split('=');
        this.data.push(rest.length === 0 ? encodeURIComponent(name ?? '') : `${name ?? ''}=${encodeURIComponent(rest.join('='))}`);
        break;
      }
      case '--json':
        this.data.push(value());
        this.change.bodyType = BodyType.JSON;
        break;
      case '-G':
      case '--get':
        this.asQuery = true;
        break;
      case '-I':
      case '--head':
        this.method = 'HEAD';
        break;
      case '-u':
      case '--user': {
        const [username = '', ...password] = value().split(':');
        this.change.auth = { ...noAuth, ...this.change.auth, scheme: this.change.auth?.scheme ?? 'basic', username, password: password.join(':') };
        break;
      }
      case '--digest':
        this.change.auth = { ...noAuth, ...this.change.auth, scheme: 'digest' };
        break;
      case '--oauth2-bearer':
        this.change.auth = { ...noAuth, scheme: 'bearer', token: value() };
        break;
      case '-A':
      case '--user-agent':
        this.takeHeader(`User-Agent: ${value()}`);
        break;
      case '-e':
      case '--referer':
        this.takeHeader(`Referer: ${value()}`);
        break;
      case '-b':
      case '--cookie':
        this.takeHeader(`Cookie: ${value()}`);
        break;
      case '-k':
      case '--insecure':
        this.change.skipTlsVerification = true;
        break;
      case '-L':
      case '--location':
        this.change.maxRedirects = newDraft.maxRedirects;
        break;
      case '-m':
      case '--max-time':
        this.change.timeout = `${value()} s`;
        break;
      case '-x':
      case '--proxy':
        this.change.proxyUrl = value();
        break;
      case '--url':
        this.change.url = value();
        break;
      default:
        if (ignoredWithValue.has(option)) value();
        else if (!ignored.has(option)) this.unknown.push(option);
    }
  }

  private takeHeader(line: string): void {
    const colon = line.indexOf(':');
    if (colon < 1) return;
    const name = line.slice(0, colon).trim();
    this.headers.push({ key: this.headers.length, name, value: line.slice(colon + 1).trim(), sensitive: sensitive.test(name), stored: false });
  }

  private takeBody(body: string): void {
    this.change.body = body;
    const declared = this.headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? '';
    if (declared === '') this.change.bodyType ??= BodyType.FORM;
    else if (declared.includes('json')) this.change.bodyType = BodyType.JSON;
  }
}

// Splits as a shell does: quotes, backslashes, continued lines. Undefined when a
// quote is never closed.
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  const characters = text.trim().replace(/\\\r?\n/g, ' ').split('');
  for (let at = 0; at < characters.length; at++) {
    const c = characters[at] ?? '';
    if (quote === "'" ? c === "'" : quote === '"' && c === '"') quote = '';
    else if (quote === "'") word = (word ?? '') + c;
    else if (c === '\\') {
      const next = characters[++at] ?? '';
      word = (word ?? '') + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next);
    } else if (quote === '"') word = (word ?? '') + c;
    else if (c === "'" || c === '"') {
      quote = c;
      // $'...' as browsers write it: the dollar belongs to the quote.
      word = word?.endsWith('$') === true ? word.slice(0, -1) : (word ?? '');
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
