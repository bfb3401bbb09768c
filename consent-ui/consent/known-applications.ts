/** An application that people know, and may be made to believe in. */
export interface KnownApplication {
  readonly name: string
  /** How else it is written. */
  readonly alsoWritten: readonly string[]
  /** Where its answers go, beside programs on the person's own computer. */
  readonly answersAt: RegExp
}

const ANTHROPIC = /^https:\/\/([a-z0-9-]+\.)?claude\.(ai|com)\//
const OPENAI = /^https:\/\/(chatgpt\.com|chat\.openai\.com)\//
const MICROSOFT = /^(vscode(-insiders)?:|https:\/\/(insiders\.)?vscode\.dev\/)/

/** As seen in use (oauth and recovery know the same addresses for other ends). */
export const KNOWN_APPLICATIONS: readonly KnownApplication[] = [
  { name: 'Claude', alsoWritten: ['Anthropic'], answersAt: ANTHROPIC },
  { name: 'ChatGPT', alsoWritten: ['Chat GPT', 'OpenAI'], answersAt: OPENAI },
  { name: 'Codex', alsoWritten: [], answersAt: OPENAI },
  { name: 'Cursor', alsoWritten: [], answersAt: /^(cursor:|https:\/\/(www\.)?cursor\.com\/)/ },
  { name: 'Visual Studio Code', alsoWritten: ['VS Code', 'VSCode'], answersAt: MICROSOFT },
  { name: 'Windsurf', alsoWritten: [], answersAt: /^windsurf:/ },
  { name: 'Gemini', alsoWritten: [], answersAt: /^https:\/\/gemini\.google\.com\// },
  {
    name: 'Databricks',
    alsoWritten: [],
    answersAt: /^https:\/\/[^/]+\.(cloud\.databricks\.com|gcp\.databricks\.com|azuredatabricks\.net)\//,
  },
  { name: 'Benchling', alsoWritten: [], answersAt: /^https:\/\/[^/]+\.benchling\.com[:/]/ },
  { name: 'Quilt', alsoWritten: ['QuiltSync', 'Quilt Data'], answersAt: /^quilt:/ },
]
