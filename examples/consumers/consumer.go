// Keeps a list of addresses to send nothing more to: README.md. Go 1.19 or later.
//
// usage: go run consumer.go SOCKET NAME FILE
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"time"
)

// message is a line of the server: an event if V is set.
type message struct {
	V         int             `json:"v"`
	Seq       uint64          `json:"seq"`
	Kind      string          `json:"kind"`
	Advice    string          `json:"advice"`
	Recipient string          `json:"recipient"`
	Following string          `json:"following"`
	Gap       json.RawMessage `json:"gap"`
	Error     string          `json:"error"`
}

// suppress returns when the list is on disk: only then is the event acknowledged.
func suppress(list *os.File, recipient string) error {
	if _, err := fmt.Fprintln(list, recipient); err != nil {
		return err
	}
	return list.Sync()
}

// follow takes events until the connection ends. Only trouble with the list is fatal.
func follow(path, name string, list *os.File) error {
	server, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	defer server.Close()
	if _, err := fmt.Fprintf(server, "FOLLOW %s\n", name); err != nil {
		return err
	}
	lines := bufio.NewReader(server)
	isOurs := false // events before the answer to FOLLOW weren't asked for, and come again
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return err
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return err
		}
		if m.Gap != nil || m.Error != "" {
			log.Printf("dsnd: %s", line)
		}
		isOurs = isOurs || m.Following != ""
		if m.V == 0 || !isOurs {
			continue
		}
		if m.Kind == "bounce" && m.Advice == "suppress" && m.Recipient != "" {
			if err := suppress(list, m.Recipient); err != nil {
				log.Fatal(err)
			}
		}
		if _, err := fmt.Fprintf(server, "ACK %d\n", m.Seq); err != nil {
			return err
		}
	}
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: consumer SOCKET NAME FILE")
	}
	list, err := os.OpenFile(os.Args[3], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	for {
		log.Print(follow(os.Args[1], os.Args[2], list))
		time.Sleep(time.Second)
	}
}
