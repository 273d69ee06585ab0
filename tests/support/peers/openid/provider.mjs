// An OpenID provider with one client and any person who signs in: node provider.mjs PACKAGE PORT CLIENT SECRET REDIRECT
const [from, port, client, secret, redirect] = process.argv.slice(2);
const { Provider } = await import(from);
const url = `http://127.0.0.1:${port}`;

const provider = new Provider(url, {
  clients: [{ client_id: client, client_secret: secret, redirect_uris: [redirect], grant_types: ["authorization_code"] }],
  pkce: { required: () => true },
  claims: { email: ["email", "email_verified"] },
  cookies: { keys: ["a key of the tests"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
