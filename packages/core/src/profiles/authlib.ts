import type { ServerProfile } from './server-profile.ts'

/**
 * Authlib, with which applications in Python build their own server; seen at 1.9.6 (run in a Flask application with both of
 * its registration endpoints). The application decides who may register, and adds members by classes of claims.
 *
 * Where the application has no code grant, its token endpoint answers every client alike; the management address shows that
 * it forgot a client. Redirect URIs of an app's own scheme are refused.
 */
export const authlib: ServerProfile = {
  name: 'Authlib',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris token_endpoint_auth_method grant_types response_types client_name client_uri logo_uri scope contacts ' +
    'tos_uri policy_uri jwks_uri jwks software_id software_version software_statement'
  ).split(' '),
  warns: {
    software_statement:
      'Authlib ignores software statements, unless the application names algorithms and a key for them.',
  },
  cors: 'Authlib answers no page of another origin, unless the application adds that.',
  advice: (['read', 'update', 'delete'] as const).map((operation) => ({
    status: 400,
    error: 'access_denied',
    operation,
    message: 'Authlib says so of a management token that it does not know, and of a client that is gone.',
  })),
}
