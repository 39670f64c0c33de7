using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes.Templates;

namespace GpuMem.Api.Tests.Clusters;

public sealed class DeclaredPoolsTests
{
    [Fact]
    public void After_any_changes_it_has_told_what_declarations_and_templates_say_together()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var (told, own, withNodes) = (new Dictionary<string, GpuPool>(), new Dictionary<string, GpuPool>(), new HashSet<string>());
            List<NodeTemplate> templates = [];
            var declared = new DeclaredPools(
                (name, pool) =>
                {
                    if (pool is null)
                        told.Remove(name);
                    else
                        told[name] = pool;
                },
                template => withNodes.Contains(template.Name));
            for (var change = 0; change < 40; change++)
            {
                var name = $"p{random.Next(4)}";
                switch (random.Next(4))
                {
                    case 0 when own.Remove(name):
                        declared.Own(name, null);
                        break;
                    case 0 or 1:
                        declared.Own(name, own[name] = Declared(name, random));
                        break;
                    case 2:
                        templates = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Template($"p{random.Next(4)}", random))];
                        declared.Templates(templates);
                        break;
                    default:
                        if (!withNodes.Remove(name))
                            withNodes.Add(name);
                        declared.NodesChanged();
                        break;
                }

                var expected = new Dictionary<string, GpuPool>(own);
                foreach (var template in templates)
                    if (NodeTemplates.Declaration(expected.GetValueOrDefault(template.Name), template, withNodes.Contains(template.Name)) is { } both)
                        expected[template.Name] = both;
                Assert.Equal(Said(expected), Said(told));
            }
        }
    }

    private static IEnumerable<string> Said(Dictionary<string, GpuPool> pools) =>
        pools.OrderBy(pool => pool.Key, StringComparer.Ordinal).Select(pool => $"{pool.Key} {System.Text.Encoding.UTF8.GetString(ApiJson.Default.Serialize(pool.Value.Spec))}");

    private static GpuPool Declared(string name, Random random) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = name },
        Spec = new GpuPoolSpec { MaxNodes = random.Next(3) == 0 ? null : random.Next(5), Product = random.Next(2) == 0 ? null : "NVIDIA-L4" },
    };

    private static NodeTemplate Template(string name, Random random) => NodeTemplates.Read(new JsonObject
    {
        ["apiVersion"] = "karpenter.sh/v1",
        ["kind"] = "NodePool",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["limits"] = random.Next(2) == 0 ? null : new JsonObject { ["nvidia.com/gpu"] = 8 * random.Next(1, 3) },
            ["template"] = new JsonObject
            {
                ["spec"] = new JsonObject
                {
                    ["requirements"] = new JsonArray(new JsonObject { ["key"] = "node.kubernetes.io/instance-type", ["operator"] = "In", ["values"] = new JsonArray(random.Next(2) == 0 ? "p5.48xlarge" : "g5.48xlarge") }),
                },
            },
        },
    })!;
}
