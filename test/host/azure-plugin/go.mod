// Builds the official Azure secrets plugin, the peer that ours is compared with. A test tool, never shipped.
module local/test-host/azure-plugin

go 1.25.0

tool github.com/hashicorp/vault-plugin-secrets-azure/cmd/vault-plugin-secrets-azure

require github.com/hashicorp/vault-plugin-secrets-azure v0.23.0
