/**
 * Node's arguments for the process of authz. V8 guesses which objects will live long, and puts those into the old space
 * at once. In calls of gRPC it guesses wrong: a fifth of the memory of ended calls stays until the next full collection,
 * and a check costs up to 40 % more (bench/README.md).
 */
export const NODE_ARGUMENTS: readonly string[] = ['--no-allocation-site-pretenuring']
