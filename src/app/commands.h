#pragma once

#include <string>
#include <vector>

// The subcommands. Each takes the words after its name and gives the process's
// exit code; it throws std::exception with a sentence for people when it fails.
namespace openseer::app {

using Arguments = std::vector<std::string>;

int up_command(const Arguments& arguments);
int control_plane_command(const Arguments& arguments);
int worker_command(const Arguments& arguments);
int migrate_up_command(const Arguments& arguments);
int migrate_down_command(const Arguments& arguments);
int migrate_status_command(const Arguments& arguments);
int token_create_command(const Arguments& arguments);
int user_list_command(const Arguments& arguments);
int user_reset_password_command(const Arguments& arguments);
int postgres_command(const Arguments& arguments);
int backup_command(const Arguments& arguments);
int restore_command(const Arguments& arguments);

}  // namespace openseer::app
