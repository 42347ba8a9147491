#pragma once

#include <string>

#include "base/refusal.h"
#include "control/api/options.h"
#include "http/server.h"

// Where a request comes from, and what follows for trusting it.
namespace openseer::control {

// A request that a browser sent for another site's page is refused
// (PermissionDenied): the Origin must be the request's own Host or an allowed
// one, Sec-Fetch-Site same-origin or none (Fetch Metadata, W3C). Programs send
// neither. Content types are the router's to check.
Result<void> check_origin(const http::Request& request, const ApiOptions& options);

// Whether a Secure cookie works: TLS, localhost, or TLS at a trusted proxy.
bool is_secure(const http::Request& request, const ApiOptions& options);

// The client's address: the peer's, or what a trusted proxy says it is.
std::string client_address(const http::Request& request, const ApiOptions& options);

// Where workers and programs reach the API: what the operator says, or else this
// control plane's HTTPS port under the name that the request came to.
std::string api_url(const http::Request& request, const ApiOptions& options);

}  // namespace openseer::control
