/** A program is not on this machine; the message is one line with what to do. */
export class MissingTool extends Error {
  constructor(name: string, fix: string) {
    super(`${name} is missing: ${fix}`)
    this.name = 'MissingTool'
  }
}
