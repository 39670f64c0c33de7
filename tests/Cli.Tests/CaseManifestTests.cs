using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Kubernetes;

namespace GpuMem.Cli.Tests;

/// <summary>One door: what <c>evaluate</c> scores is what a file or flags answer, to the byte.</summary>
public sealed class CaseManifestTests
{
    private static readonly string Cases = Path.Combine(RepositoryRoot.Path, "tests", "Evaluation.Tests", "Cases");

    private static readonly string[] Sums = ["expectedBytes", "upperBoundBytes", "lowerBoundBytes", "allocatedBytes", "reservedBytes"];

    [Theory]
    [InlineData("cases.dev.jsonl")]
    [InlineData("cases.reports.jsonl")]
    public async Task Every_case_as_a_manifest_and_as_flags_gets_the_estimate_that_was_scored(string cases)
    {
        using var folder = new Folder();
        var scored = (await Run.Of("evaluate", Path.Combine(Cases, cases), "--as-manifests", folder.Path, "--jsonl")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(scored.Select(line => $"{line["id"]}.yaml").Order(StringComparer.Ordinal), Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var line in scored)
        {
            var file = Path.Combine(folder.Path, $"{line["id"]}.yaml");
            var fromFile = await Run.Of("estimate", "-f", file, "-o", "json");
            Assert.Equal((0, "", Summed(line["estimate"]!)), (fromFile.Status, fromFile.Error, Summed(fromFile.Json)));

            var flags = Flags(KubernetesYaml.LoadAllFromString(await File.ReadAllTextAsync(file))[0]);
            Assert.Equal(fromFile, await Run.Of([.. flags, "-o", "json"]));
        }
    }

    [Theory]
    [InlineData("a/b", "no name of a file")]
    [InlineData("..", "no name of a file")]
    [InlineData("", "no name of a file")]
    public async Task An_id_that_names_no_file_of_the_folder_is_refused_and_nothing_is_written(string id, string says)
    {
        using var folder = new Folder();
        var target = Path.Combine(folder.Path, "new");
        (await Run.Of("evaluate", folder.Write("cases.jsonl", Case() + "\n" + Case(id)), "--as-manifests", target)).Failed(says);
        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public async Task Two_cases_of_one_id_are_refused()
    {
        using var folder = new Folder();
        (await Run.Of("evaluate", folder.Write("cases.jsonl", Case() + "\n" + Case()), "--as-manifests", folder.Path)).Failed("is there twice");
    }

    [Fact]
    public async Task A_manifest_of_serving_takes_no_flag_of_training()
    {
        using var folder = new Folder();
        var file = folder.Write("served.yaml", "kind: Inference\nspec: {model: {parameters: 7B}, engine: HuggingFace}");
        Assert.Equal(await Run.Of("inference", "-f", file, "-o", "json"), await Run.Of("estimate", "-f", file, "-o", "json"));
        (await Run.Of("estimate", "-f", file, "--tensor", "2")).Failed("--tensor", "gpumem inference -f");
        Assert.Equal(0, (await Run.Of("inference", "-f", file, "--engine", "vllm", "--gpu", "h100-80gb")).Status);
    }

    private static string Summed(JsonNode json) => string.Join(' ', Sums.Select(name => ((long)json[name]!).ToString(CultureInfo.InvariantCulture)));

    private static List<string> Flags(JsonNode manifest)
    {
        var serves = (string?)manifest["kind"] == "Inference";
        var table = FieldTable.Lines(serves ? "ModelServer" : "TrainingJob")
            .ToDictionary(line => line.Field, line => FieldTable.Flags(line.Flag).FirstOrDefault() ?? "", StringComparer.Ordinal);
        List<string> flags = [serves ? "inference" : "estimate"];
        var spec = manifest["spec"]!.AsObject();
        if (spec["model"]!["architecture"] is { } architecture)
        {
            flags.AddRange(["--architecture", architecture.ToJsonString()]);
            spec["model"]!.AsObject().Remove("architecture");
        }

        foreach (var (path, value) in Leaves(spec, ""))
            flags.AddRange([table[path], value]);
        if (manifest["metadata"]!["annotations"]?["gpumem.io/stage"] is { } stage)
            flags.AddRange(["--stage", (string)stage!]);
        return flags;
    }

    private static IEnumerable<(string Path, string Value)> Leaves(JsonNode node, string path) => node switch
    {
        JsonObject fields => fields.SelectMany(field => Leaves(field.Value!, path.Length == 0 ? field.Key : $"{path}.{field.Key}")),
        JsonArray items => items.Select(item => (path, item!.ToString())),
        _ => [(path, node.ToString())],
    };

    private static string Case(string id = "a")
    {
        var json = JsonNode.Parse(File.ReadLines(Path.Combine(Cases, "cases.dev.jsonl")).First())!;
        json["id"] = id;
        return json.ToJsonString();
    }
}
