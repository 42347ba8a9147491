DROP TABLE app.workspace_members, app.workspaces, app.sign_in_throttle, app.sessions, app.users, app.instance;
