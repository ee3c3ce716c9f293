let kit = '';

/** How the hooks are told where we are. */
export function initialize(data: { readonly kit: string }): void {
  kit = data.kit;
}

type Next = (specifier: string, context: unknown) => Promise<{ readonly url: string }>;

/** `oxbow/kit` is ours wherever the module of a source lies: it need not be installed beside it. */
export async function resolve(specifier: string, context: unknown, next: Next) {
  if (specifier === 'oxbow/kit') return { url: kit, shortCircuit: true };
  return next(specifier, context);
}
