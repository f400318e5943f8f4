module mtls-migration.io/clients/task

go 1.24

require mtls-migration.io/clients/go v0.0.0

require gopkg.in/validator.v2 v2.0.1 // indirect

replace mtls-migration.io/clients/go => ../../target/clients/go
