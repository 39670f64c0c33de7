using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Crds;

namespace GpuMem.Cli.Crds;

/// <summary><c>gpumem crd</c>: the CustomResourceDefinitions, from the C# types.</summary>
internal static class CrdCommand
{
    public static Command Create()
    {
        var directory = new Option<DirectoryInfo?>("--write") { Description = "write one file each into this directory instead of printing them" };
        var page = new Option<string?>("--page") { Description = "write the reference of their fields and flags into this Markdown file instead" };
        var command = new Command("crd", "Print the CustomResourceDefinitions, for kubectl apply -f -.") { directory, page };
        command.SetAction(result =>
        {
            if (result.GetValue(page) is { } file)
            {
                File.WriteAllText(file, ReferencePage.Of(Definition(typeof(TrainingJob)), Definition(typeof(ModelServer)), Definition(typeof(GpuPool))));
                return ExitStatus.Fits;
            }
            if (result.GetValue(directory) is not { } target)
            {
                Console.Out.Write(string.Join("---\n", Files().Select(file => file.Text)));
                return ExitStatus.Fits;
            }
            target.Create();
            foreach (var (name, text) in Files())
                File.WriteAllText(Path.Combine(target.FullName, name), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            return ExitStatus.Fits;
        });
        return command;
    }

    private static IEnumerable<(string Name, string Text)> Files() => [("gpupools.yaml", Text(typeof(GpuPool))), ("modelservers.yaml", Text(typeof(ModelServer))), ("trainingjobs.yaml", Text(typeof(TrainingJob)))];

    private static string Text(Type entity) => YamlWriter.Write(Definition(entity));

    private static JsonObject Definition(Type entity) => CrdWriter.Write(ApiJson.Resolver, entity);
}
