/** The form of a page, as the servers of this project write them. */
export interface Form {
  readonly action: string
  /** Its inputs with the values that they came with; of radio buttons, the one that was chosen. */
  readonly fields: Readonly<Record<string, string>>
  readonly buttons: readonly { readonly text: string; readonly name?: string; readonly value: string }[]
}

/** Reads the only form of a page; throws if it has no form. */
export function readForm(html: string, url: string): Form {
  const [, attributes, content] = /<form\b([^>]*)>(.*?)<\/form>/s.exec(html) ?? []
  if (attributes === undefined || content === undefined)
    throw new Error(`there is no form at ${url}: ${html.replace(/<style>.*<\/style>/s, '')}`)
  const inputs = [...content.matchAll(/<input\b([^>]*)>/g)]
    // Of radio buttons and checkboxes, a browser sends those that are checked.
    .filter(
      ([, text = '']) =>
        !/^(radio|checkbox)$/.test(attributesOf(text).type ?? '') || /\schecked\b/.test(text),
    )
    .map(([, text = '']) => attributesOf(text))
  const { id } = attributesOf(attributes)
  const elsewhere = buttonsIn(html).filter((button) => id !== undefined && button.form === id)
  const buttons = [...buttonsIn(content), ...elsewhere].map(({ text, name, value = '' }) => {
    return { text, value, ...(name === undefined ? {} : { name }) }
  })
  return {
    action: new URL(attributesOf(attributes).action ?? url, url).href,
    fields: Object.fromEntries(inputs.map(({ name = '', value = '' }) => [name, value])),
    buttons,
  }
}

function buttonsIn(html: string) {
  return [...html.matchAll(/<button\b([^>]*)>([^<]*)<\/button>/g)].map(([, attributes = '', label = '']) => {
    const { name, value, form } = attributesOf(attributes)
    return { text: label.trim(), name, value, form }
  })
}

function attributesOf(text: string): Partial<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, plain(value)]),
  )
}

function plain(escaped: string): string {
  return escaped.replace(/&#(\d+);/g, (_reference, code: string) => String.fromCharCode(Number(code)))
}
