/**
 * Makes an object once, before the tests of this suite.
 *
 * @returns a stand-in for the object, so that a suite needs no variable that a hook assigns
 */
export function beforeAll<T extends object>(make: () => T | Promise<T>): T {
  let made: T | undefined
  before(async () => {
    made = await make()
  })
  const object = (): T => {
    if (made === undefined) throw new Error('used before the tests of its suite began')
    return made
  }
  return new Proxy({} as T, {
    get(_, key) {
      const value: unknown = Reflect.get(object(), key)
      // Methods run on the object itself: a stand-in has no private members.
      return typeof value === 'function' ? (value.bind(object()) as unknown) : value
    },
    set: (_, key, value) => Reflect.set(object(), key, value),
    has: (_, key) => Reflect.has(object(), key),
    ownKeys: () => Reflect.ownKeys(object()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(object(), key)
      return descriptor && { ...descriptor, configurable: true }
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(object()),
  })
}
