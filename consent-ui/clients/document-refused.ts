/** What a client publishes of itself breaks a rule; the message is for its publisher, and quotes nothing of it. */
export class DocumentRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DocumentRefused'
  }
}
