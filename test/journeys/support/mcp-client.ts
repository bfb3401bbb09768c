import type { Client as Client2 } from '@modelcontextprotocol/client'
import type { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'

type Arguments = Record<string, unknown>
type OnProgress = (message: string | undefined) => void

/** An MCP client, of either SDK. */
export interface McpClient {
  toolNames(): Promise<string[]>
  /** Calls a tool, reports progress, and returns the text of the result. */
  call(name: string, args: Arguments, onProgress?: OnProgress): Promise<string>
  /** Called when the service says that its tools changed. */
  onToolsChanged(handler: () => void): void
}

export function mcpClient1(client: Client1): McpClient {
  return {
    toolNames: async () => namesOf(await client.listTools()),
    call: async (name, args, onProgress) =>
      textOf(await client.callTool({ name, arguments: args }, undefined, progressTo(onProgress))),
    onToolsChanged: (handler) => client.setNotificationHandler(ToolListChangedNotificationSchema, handler),
  }
}

export function mcpClient2(client: Client2): McpClient {
  return {
    toolNames: async () => namesOf(await client.listTools()),
    call: async (name, args, onProgress) =>
      textOf(await client.callTool({ name, arguments: args }, progressTo(onProgress))),
    onToolsChanged: (handler) => client.setNotificationHandler('notifications/tools/list_changed', handler),
  }
}

function progressTo(onProgress: OnProgress | undefined) {
  return {
    onprogress: ({ message }: { message?: string | undefined }): void => onProgress?.(message),
  }
}

function namesOf({ tools }: { tools: readonly { name: string }[] }): string[] {
  return tools.map(({ name }) => name)
}

function textOf(result: object): string {
  const { content } = result as { content: readonly { text: string }[] }
  return content.map(({ text }) => text).join('\n')
}
