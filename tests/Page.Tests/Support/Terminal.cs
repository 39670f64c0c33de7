using System.Diagnostics;

namespace GpuMem.Page.Tests.Support;

/// <summary>What <c>gpumem</c> says of the same manifest on a terminal.</summary>
internal static class Terminal
{
    /// <param name="command">estimate or inference.</param>
    /// <param name="yaml">The file's text.</param>
    /// <param name="gpu">What it is held against.</param>
    public static async Task<JsonNode> AnswerAsync(string command, string yaml, string gpu)
    {
        var file = Path.Combine(Path.GetTempPath(), $"gpumem-page-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, yaml);
        try
        {
            using var process = Process.Start(GpuMemExecutable.Start(command, "-f", file, "--gpu", gpu, "-o", "json"))!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode is 0 or 2, await error);
            return JsonNode.Parse(await output)!;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
