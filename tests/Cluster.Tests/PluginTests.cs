using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>gpumem as kubectl finds it on the PATH.</summary>
public sealed class PluginTests : IDisposable
{
    private readonly DirectoryInfo _tools = Directory.CreateTempSubdirectory("gpumem-");

    public void Dispose() => _tools.Delete(recursive: true);

    [ClusterFact]
    public async Task Kubectl_completes_what_is_typed_after_its_name()
    {
        await ToolAsync("kubectl-gpumem", $"#!/bin/sh\nexec {string.Join(' ', [GpuMemExecutable.Program, .. GpuMemExecutable.Arguments()])} \"$@\"\n");
        var (_, script, error) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments("completion", "kubectl"));
        Assert.Equal("", error);
        await ToolAsync("kubectl_complete-gpumem", script);

        foreach (var (typed, completed) in new[] { ("es", "estimate"), ("top --sor", "--sort"), ("top --sort ", "waste") })
        {
            var (exitCode, output, why) = await Script.RunAsync(
                await ClientTool.PathAsync("kubectl"),
                ["__complete", "gpumem", .. typed.Split(' ')],
                environment: new Dictionary<string, string> { ["PATH"] = $"{_tools.FullName}:{Environment.GetEnvironmentVariable("PATH")}" });
            Assert.True(exitCode == 0, why);
            Assert.Contains(completed, output.Split('\n'));
        }
    }

    private async Task ToolAsync(string name, string script)
    {
        var path = Path.Combine(_tools.FullName, name);
        await File.WriteAllTextAsync(path, script);
        await Script.RunAsync("chmod", ["+x", path]);
    }
}
