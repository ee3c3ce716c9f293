/** Ports of 1024 and above at which services listen that might take a request for something else. */
export const servicePorts: ReadonlySet<number> = new Set([
  1080, // SOCKS
  1433, // SQL Server
  1521, // Oracle
  1719, // H.323
  1720, // H.323
  1723, // PPTP
  1883, // MQTT
  2049, // NFS
  2181, // ZooKeeper
  2375, // Docker
  2376, // Docker
  2379, // etcd
  2380, // etcd
  3128, // proxies
  3268, // directory
  3269, // directory
  3306, // MySQL
  3389, // remote desktop
  3659, // Apple SASL
  4045, // NFS lock
  4190, // ManageSieve
  4369, // Erlang port mapper
  5038, // Asterisk
  5060, // SIP
  5061, // SIP
  5432, // PostgreSQL
  5671, // AMQP
  5672, // AMQP
  5900, // VNC
  5984, // CouchDB
  5985, // Windows remote management
  5986, // Windows remote management
  6000, // X11
  6001, // X11
  6002, // X11
  6003, // X11
  6379, // Redis
  6380, // Redis
  6443, // Kubernetes
  6566, // scanners
  6665, // IRC
  6666, // IRC
  6667, // IRC
  6668, // IRC
  6669, // IRC
  6679, // IRC
  6697, // IRC
  7000, // Cassandra
  7001, // Cassandra
  8086, // InfluxDB
  8123, // ClickHouse
  8500, // Consul
  9042, // Cassandra
  9092, // Kafka
  9100, // printers
  9200, // Elasticsearch
  9300, // Elasticsearch
  10_080, // Amanda
  10_250, // Kubernetes
  11_211, // memcached
  15_672, // RabbitMQ
  26_379, // Redis
  27_017, // MongoDB
  27_018, // MongoDB
  27_019, // MongoDB
  28_017, // MongoDB
  50_000, // DB2
]);
