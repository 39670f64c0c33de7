global using System.Net;
global using System.Text.Json.Nodes;
global using GpuMem.Page.Tests.Support;
global using GpuMem.TestKit;
