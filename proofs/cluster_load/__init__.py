"""The whole cluster on this machine fulfils thousands of imported requests while parts of it are killed."""
