// Where to go after signing in: a path of this site and nothing else.
export function safeNextPath(next: string | string[] | undefined): string {
  return typeof next === 'string' && /^\/(?!\/)[\w/-]*$/.test(next) ? next : '/';
}
