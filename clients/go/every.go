package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"

	mtls "mtls-migration.io/clients/go"
)

// call is an entry of clients/operations.json.
type call struct {
	Call   string                     `json:"call"`
	Path   map[string]string          `json:"path"`
	Query  map[string]json.RawMessage `json:"query"`
	Body   map[string]json.RawMessage `json:"body"`
	Status []int                      `json:"status"`
}

// inPath is the order of parameters in the document.
var inPath = []string{"namespace", "plan", "exception", "client", "receiver", "id"}

// callEveryOperation calls every operation once.
func callEveryOperation(ctx context.Context, client *mtls.APIClient) {
	file, err := os.ReadFile("clients/operations.json")
	must(err)
	var calls []call
	must(json.Unmarshal(file, &calls))
	last := ""
	for _, one := range calls {
		status := one.do(ctx, client, &last)
		check(fmt.Sprint(one.Call, " is ", status), slices.Contains(one.Status, status))
	}
}

func (c call) do(ctx context.Context, client *mtls.APIClient, last *string) int {
	api, operation, _ := strings.Cut(c.Call, ".")
	arguments := []reflect.Value{reflect.ValueOf(ctx)}
	for _, name := range inPath {
		if value, given := c.Path[name]; given {
			arguments = append(arguments, reflect.ValueOf(strings.ReplaceAll(value, "{id}", *last)))
		}
	}
	service := reflect.ValueOf(client).Elem().FieldByName(api + "API")
	request := service.MethodByName(exported(operation)).Call(arguments)[0]
	for _, given := range []map[string]json.RawMessage{c.Query, c.Body} {
		for name, value := range given {
			setter := request.MethodByName(exported(name))
			argument := reflect.New(setter.Type().In(0))
			must(json.Unmarshal(value, argument.Interface()))
			request = setter.Call([]reflect.Value{argument.Elem()})[0]
		}
	}
	answers := request.MethodByName("Execute").Call(nil)
	if err, failed := answers[len(answers)-1].Interface().(error); failed {
		var refusal *mtls.GenericOpenAPIError
		problem, typed := mtls.Problem{}, errors.As(err, &refusal)
		if typed {
			problem, typed = refusal.Model().(mtls.Problem)
		}
		if !typed {
			log.Fatal(c.Call, ": ", err)
		}
		fmt.Println(operation, problem.Detail)
		return int(problem.Status)
	}
	if len(answers) == 3 {
		var named struct {
			Id string `json:"id"`
		}
		text, err := json.Marshal(answers[0].Interface())
		must(err)
		if json.Unmarshal(text, &named) == nil && named.Id != "" {
			*last = named.Id
		}
	}
	return answers[len(answers)-2].Interface().(*http.Response).StatusCode
}

func exported(name string) string {
	return strings.ToUpper(name[:1]) + name[1:]
}
