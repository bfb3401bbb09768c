/** A published document or key set breaks a rule. The message quotes nothing of it. */
export class DocumentRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DocumentRefused'
  }
}
