# Few verbs; each runs from a clean checkout. `make` alone prints them.
.PHONY: help check test protos demo bench

help:    ## this list
	@awk -F ': *## ' '/^[a-z]+: *##/ { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

check:   ## everything that CI runs: linters, types, layers, generated code, all tests
	./.ci/run

test:    ## the quick tests
	./run test

protos:  ## generate protos/python anew
	./run python protos/generate.py

demo:    ## three administrations exchange signed records, live
	./run demo

bench:   ## speed, beside a bare gRPC echo in the same run
	./run bench
