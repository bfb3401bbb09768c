import type { Context } from 'koa'
import type Router from 'koa-router'

const MESSAGE = 'This demo has no AWS: no S3, Athena, Glue or STS. Connect a real Registry to use them.'
const CODE = 'NoAwsInThisDemo'
const NOT_IMPLEMENTED = 501

/** Replaces AWS for the demo's services, and refuses every request with a reason. */
export function addNoAws(router: Router): void {
  router.all('/no-aws{/*path}', refuse)
}

/** Errors are JSON for Athena and Glue, XML for S3 and STS: AWS libraries read the message. */
function refuse(ctx: Context): void {
  ctx.status = NOT_IMPLEMENTED
  if (ctx.get('x-amz-target') !== '') {
    ctx.body = { __type: CODE, message: MESSAGE }
    return
  }
  ctx.type = 'application/xml'
  ctx.body = `<ErrorResponse><Error><Code>${CODE}</Code><Message>${MESSAGE}</Message></Error></ErrorResponse>`
}
