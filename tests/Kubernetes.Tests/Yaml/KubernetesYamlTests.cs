using System.Text;

namespace GpuMem.Kubernetes.Tests.Yaml;

public sealed class KubernetesYamlTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: 0644", """{"a":420}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: -7", """{"a":-7}""")]
    [InlineData("a: 1.5", """{"a":1.5}""")]
    [InlineData("a: 1e3", """{"a":1000}""")]
    [InlineData("a: 80Gi", """{"a":"80Gi"}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: 2030-01-01", """{"a":"2030-01-01"}""")]
    [InlineData("a: yes\nb: off", """{"a":true,"b":false}""")]
    [InlineData("a:\nb: ~\nc: null", """{"a":null,"b":null,"c":null}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("""{"a": [1, {"b": "c"}]}""", """{"a":[1,{"b":"c"}]}""")]
    [InlineData("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", """{"a":{"b":1,"c":2},"d":{"c":3,"b":1}}""")]
    [InlineData("a: 99999999999999999999", """{"a":1E+20}""")]
    [InlineData("a: .", """{"a":"."}""")]
    public void Means_what_it_means_to_kubectl(string yaml, string json) =>
        Assert.Equal(
            System.Text.Json.Nodes.JsonNode.Parse(json)!.ToJsonString(), Assert.Single(KubernetesYaml.LoadAllFromString(yaml)).ToJsonString());

    [Fact]
    public void Empty_documents_are_left_out()
    {
        IReadOnlyList<V1Pod> pods = KubernetesYaml.LoadAllFromString<V1Pod>("""
            ---
            # nothing
            ---
            metadata: {name: a}
            spec: {containers: [{name: c, resources: {limits: {nvidia.com/gpu: 8, memory: 1.5Gi}}}]}
            ---
            metadata: {name: b}
            ...
            """);
        Assert.Equal(["a", "b"], pods.Select(pod => pod.Name()));
        Assert.Equal("8", pods[0].Spec!.Containers![0].Resources!.Limits!["nvidia.com/gpu"].ToString());
        Assert.Empty(KubernetesYaml.LoadAllFromString(""));
    }

    [Theory]
    [InlineData("a: 1\na: 2", "line 2, column 1: ", "'a' is there twice")]
    [InlineData("a: [1\nb: 2", "line 1", "")]
    [InlineData("a:\n\t- b", "line ", "tab")]
    [InlineData("a: *nobody", "line 1, column 4: ", "nobody")]
    [InlineData("[x]: 1", "line 1, column 1: ", "plain text")]
    public void Errors_say_where(string yaml, string where, string what)
    {
        FormatException error = Assert.Throws<FormatException>(() => KubernetesYaml.LoadAllFromString(yaml));
        Assert.StartsWith(where, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_of_the_wrong_type_is_named()
    {
        FormatException error = Assert.Throws<FormatException>(
            () => KubernetesYaml.LoadAllFromString<V1Pod>("metadata: {name: a}\nspec: {containers: [{resources: {limits: {memory: lots}}}]}"));
        Assert.Contains("document 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("'lots' is not a quantity", error.Message, StringComparison.Ordinal);
    }

    /// <summary>kubectl takes them, and examples of Argo Workflows are written so.</summary>
    [Fact]
    public void Lines_of_a_quoted_text_need_no_indentation()
    {
        System.Text.Json.Nodes.JsonNode read = KubernetesYaml.LoadAllFromString("spec:\n  args: [\"\n  echo one &&\n    echo \\\"two\\\"\n\n  echo three\\\n  four\n  \"]\n  next: \"a\nb\"\n")[0];

        Assert.Equal(" echo one && echo \"two\"\necho threefour ", (string?)read["spec"]!["args"]![0]);
        Assert.Equal("a b", (string?)read["spec"]!["next"]);
    }

    [Fact]
    public void Thousands_of_such_texts_are_refused_at_once()
    {
        string file = string.Concat(Enumerable.Range(0, 1000).Select(i => $"k{i}:\n  - a: [\"x\ny\"]\n"));
        Assert.Contains("wrong indentation", Assert.Throws<FormatException>(() => KubernetesYaml.LoadAllFromString(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_lines_cannot_become_gigabytes()
    {
        StringBuilder bomb = new("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 20; i++)
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1}]\n");
        FormatException error = Assert.Throws<FormatException>(() => KubernetesYaml.LoadAllFromString(bomb.ToString()));
        Assert.Contains("counting what aliases stand for", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_documents_share_one_bound()
    {
        string row = string.Join(',', Enumerable.Repeat("x", 1000));
        string rows = string.Join(',', Enumerable.Repeat("*row", 500));
        string file = string.Concat(Enumerable.Repeat($"---\nrow: &row [{row}]\nrows: [{rows}]\n", 5));
        FormatException error = Assert.Throws<FormatException>(() => KubernetesYaml.LoadAllFromString(file));
        Assert.Contains("counting what aliases stand for", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_anchor_is_known_in_its_own_document_only()
    {
        FormatException error = Assert.Throws<FormatException>(() => KubernetesYaml.LoadAllFromString("a: &x 1\n---\na: *x\n"));
        Assert.StartsWith("line 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Depth_is_bounded(char opening)
    {
        string deep = opening == '[' ? new string('[', 10_000) : string.Concat(Enumerable.Repeat("{a: ", 10_000));
        FormatException error = Assert.Throws<FormatException>(() => KubernetesYaml.LoadAllFromString(deep));
        Assert.Contains("nested deeper", error.Message, StringComparison.Ordinal);
    }
}
