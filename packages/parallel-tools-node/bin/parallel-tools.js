#!/usr/bin/env node
// A file of the sources, so that installing the workspace finds it before
// anything is built.
import "../dist/cli.js";
